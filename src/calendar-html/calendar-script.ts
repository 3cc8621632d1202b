/**
 * The script that makes each table of `renderCalendarTable` a grid of days. A page may run it once, after the markup.
 *
 * One day at a time takes the focus of the Tab key, the last one at first. Arrow keys move by a week or a day, mirrored
 * in a calendar from right to left. Home and End lead to the ends of a row, and with Ctrl to the first and the last
 * day.
 *
 * It is a classic script that needs no module and leaves no global. A second run takes care of calendars that were
 * added since. The table is complete without it.
 */
export const CALENDAR_SCRIPT: string = `(() => {
  for (const calendar of document.querySelectorAll(".contribution-calendar")) {
    const table = calendar.querySelector("table:not([role])");
    if (!table) continue;
    const days = [...table.querySelectorAll("td[data-date]")];
    const inOrder = [...days].sort((a, b) => (a.dataset.date < b.dataset.date ? -1 : 1));
    const last = inOrder.at(-1);
    const reach = (day) => {
      for (const other of days) other.tabIndex = other === day ? 0 : -1;
    };
    const targetOf = (key, isFar, day) => {
      const row = day.parentElement;
      const mine = days.filter((other) => other.parentElement === row);
      const rows = row.parentElement.rows;
      const ahead = getComputedStyle(table).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      switch (key) {
        case "ArrowUp":
        case "ArrowDown":
          return rows[row.sectionRowIndex + (key === "ArrowUp" ? -1 : 1)]?.cells[day.cellIndex];
        case "ArrowLeft":
        case "ArrowRight":
          return row.cells[day.cellIndex + (key === ahead ? 1 : -1)];
        case "Home":
          return isFar ? inOrder[0] : mine[0];
        case "End":
          return isFar ? last : mine.at(-1);
      }
    };
    table.setAttribute("role", "grid");
    table.setAttribute("aria-readonly", "true");
    reach(last);
    const scroller = table.parentElement;
    scroller.removeAttribute("tabindex");
    scroller.scrollLeft = getComputedStyle(table).direction === "rtl" ? -scroller.scrollWidth : scroller.scrollWidth;
    table.addEventListener("focusin", (event) => {
      if (days.includes(event.target)) reach(event.target);
    });
    table.addEventListener("keydown", (event) => {
      const { key, ctrlKey, target } = event;
      const isOurs = /^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(key) && days.includes(target);
      if (!isOurs || event.altKey || event.metaKey || event.shiftKey) return;
      if (ctrlKey && key.startsWith("Arrow")) return;
      event.preventDefault();
      const next = targetOf(key, ctrlKey, target);
      if (days.includes(next)) next.focus();
    });
  }
})();
`;
