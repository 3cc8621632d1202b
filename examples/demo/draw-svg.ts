import type { ContributionCalendar } from "unified-contributions/ghec";
import { LEVELS, monthLabels, WEEKDAYS } from "./calendar-labels.ts";

/** From one cell to the next, and the side of a cell, in pixels. */
const PITCH = 16;
const SIDE = 13;
/** Where the cells begin. */
const LEFT = 44;
const TOP = 58;

const STYLE = `
    text { font: 11px system-ui, sans-serif; fill: #57606a }
    .heading { font-size: 13px; font-weight: 600; fill: #1f2328 }
    .page { fill: #ffffff }
    .l0 { fill: #ebedf0 } .l1 { fill: #9be9a8 } .l2 { fill: #40c463 } .l3 { fill: #30a14e } .l4 { fill: #216e39 }
    @media (prefers-color-scheme: dark) {
      text { fill: #8b949e }
      .heading { fill: #e6edf3 }
      .page { fill: #0d1117 }
      .l0 { fill: #21262d } .l1 { fill: #0e4429 } .l2 { fill: #006d32 } .l3 { fill: #26a641 } .l4 { fill: #39d353 }
    }`;

/** Draws a calendar as a picture that names every day and count to who can't see it; nothing in it names a person. */
export function drawSvg(calendar: ContributionCalendar): string {
  const days = calendar.weeks.flatMap(({ contributionDays }) => contributionDays);
  const total = counted(calendar.totalContributions);
  const range = `${days[0]?.date} to ${days.at(-1)?.date}`;
  const width = Math.max(LEFT + calendar.weeks.length * PITCH + 16, 300);
  const legendTop = TOP + 7 * PITCH + 12;

  const months = monthLabels(calendar).map(({ week, text }) => label(columnAt(week), TOP - 8, text));
  const weekdays = WEEKDAYS.flatMap((text, day) => (text ? [label(12, TOP + day * PITCH + 10, text)] : []));
  const cells = calendar.weeks.flatMap(({ contributionDays }, week) =>
    contributionDays.map(({ date, contributionCount, contributionLevel, weekday }) =>
      cell(
        columnAt(week),
        TOP + weekday * PITCH,
        LEVELS.indexOf(contributionLevel),
        `${counted(contributionCount)} on ${date}`,
      ),
    ),
  );
  const legend = LEVELS.map((_, level) =>
    cell(LEFT + 32 + level * PITCH, legendTop, level, ["none", "fewest", "few", "more", "most"][level] ?? ""),
  );

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${legendTop + 30}" role="img" aria-labelledby="title">
  <title id="title">${total} made on GitHub Enterprise Server, ${range}</title>
  <style>${STYLE}
  </style>
  <rect class="page" width="100%" height="100%"/>
  <text class="heading" x="12" y="24">${total} in 90 days</text>
  ${[...months, ...weekdays, ...cells].join("\n  ")}
  ${label(LEFT, legendTop + 10, "Less")}
  ${legend.join("\n  ")}
  ${label(LEFT + 32 + LEVELS.length * PITCH + 4, legendTop + 10, "More")}
</svg>
`;
}

function columnAt(week: number): number {
  return LEFT + week * PITCH;
}

function counted(contributions: number): string {
  return contributions === 1 ? "1 contribution" : `${contributions} contributions`;
}

function label(x: number, y: number, text: string): string {
  return `<text x="${x}" y="${y}">${text}</text>`;
}

function cell(x: number, y: number, level: number, title: string): string {
  return `<rect class="l${level}" x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" rx="2"><title>${title}</title></rect>`;
}
