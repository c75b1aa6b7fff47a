// Traces side by side: rows in which equal events stand beside each other.

// Indices [row, event] of a longest common subsequence of rows and events; a row counts as equal if any of its cells is.
function common(rows, events) {
  const equal = (row, event) => rows[row].includes(events[event]);
  const width = events.length + 1;
  const longest = new Uint32Array((rows.length + 1) * width);
  for (let row = rows.length - 1; row >= 0; row--) {
    for (let event = events.length - 1; event >= 0; event--) {
      const here = row * width + event;
      longest[here] = equal(row, event) ? longest[here + width + 1] + 1 : Math.max(longest[here + width], longest[here + 1]);
    }
  }
  const pairs = [];
  for (let row = 0, event = 0; row < rows.length && event < events.length; ) {
    if (equal(row, event)) pairs.push([row++, event++]);
    else if (longest[(row + 1) * width + event] >= longest[row * width + event + 1]) row++;
    else event++;
  }
  return pairs;
}

// Adds one trace as the last cell of the rows; those that have no event for it get null. What differs stands side by side as far as it goes.
function join(rows, events, lanes) {
  const joined = [];
  let row = 0;
  let event = 0;
  const differing = (toRow, toEvent) => {
    while (row < toRow || event < toEvent) {
      const cells = row < toRow ? rows[row++] : new Array(lanes).fill(null);
      joined.push([...cells, event < toEvent ? events[event++] : null]);
    }
  };
  for (const [toRow, toEvent] of common(rows, events)) {
    differing(toRow, toEvent);
    joined.push([...rows[row++], events[event++]]);
  }
  differing(rows.length, events.length);
  return joined;
}

// Aligns lanes { events, at }, where `at` is the index of the first forbidden event, if there is one. That event stands beside the one
// that was due: what comes before it is aligned by itself, and so is what comes after.
function align(lanes) {
  let rows = [];
  lanes.forEach(({ events, at }, count) => {
    if (at === undefined || at >= events.length || rows.length === 0) {
      rows = join(rows, events, count);
      return;
    }
    const before = events.slice(0, at);
    const pairs = common(rows, before);
    const due = pairs.length ? pairs[pairs.length - 1][0] + 1 : 0;
    const beside = rows[due] ?? new Array(count).fill(null);
    rows = [
      ...join(rows.slice(0, due), before, count),
      [...beside, events[at]],
      ...join(rows.slice(due + 1), events.slice(at + 1), count),
    ];
  });
  return rows;
}
