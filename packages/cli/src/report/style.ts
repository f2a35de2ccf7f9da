/** Colours of the light page by name. */
export const lightColors: Readonly<Record<string, string>> = {
	page: "#f5f6f8",
	surface: "#ffffff",
	ink: "#1a1d23",
	soft: "#5b6472",
	grid: "#e6e9ee",
	line: "#d8dde5",
	accent: "#0b63a5",
	"series-0": "#0b63a5",
	"series-1": "#c4501b",
	"series-2": "#0a7f5f",
	"series-3": "#8a3ea8",
	"series-4": "#9a6a00",
	"series-5": "#b3245f",
	"series-6": "#4a5bd0",
	"series-7": "#5f6b3a",
};

const lightVariables = Object.entries(lightColors)
	.map(([name, color]) => `--${name}: ${color};`)
	.join(" ");

/** The page's style: system fonts, light and dark, colours told apart by the colour-blind too. */
export const style = `
:root {
	color-scheme: light dark;
	${lightVariables}
}
@media (prefers-color-scheme: dark) {
	:root {
		--page: #0f1217; --surface: #171b22; --ink: #e7eaf0; --soft: #98a3b3; --grid: #272d37; --line: #2e3541; --accent: #6cb6f5;
		--series-0: #6cb6f5; --series-1: #ff9a66; --series-2: #45cfa4; --series-3: #cf95ea;
		--series-4: #e3b341; --series-5: #ff86b0; --series-6: #9aa6ff; --series-7: #b5c47f;
	}
}
* { box-sizing: border-box; }
body {
	margin: 0; background: var(--page); color: var(--ink);
	font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums;
}
main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 64px; }
header p { margin: 0; color: var(--soft); font-size: 14px; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 6px; }
h2 { font-size: 19px; letter-spacing: -0.005em; margin: 44px 0 4px; }
.lead { margin: 0 0 14px; color: var(--soft); font-size: 14.5px; max-width: 80ch; }
.answer {
	margin: 24px 0 0; padding: 18px 22px; background: var(--surface); border: 1px solid var(--line);
	border-left: 4px solid var(--accent); border-radius: 8px; font-size: 17.5px; line-height: 1.5;
}
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 22px 0 0; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 18px; }
figure, .card { margin: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px; }
figcaption { font-size: 14px; color: var(--soft); margin-bottom: 10px; } figcaption strong { color: var(--ink); display: block; font-size: 15px; overflow-wrap: anywhere; }
figure svg { display: block; width: 100%; height: auto; max-width: 640px; --plot-background: var(--surface); }
.card { align-self: start; }
.card .scroll { border: 0; margin: 8px -10px 0; } .card :is(th, td) { padding: 6px 10px; } .card td.left { white-space: normal; overflow-wrap: anywhere; min-width: 8em; }
figure.tile { display: flex; flex-direction: column; justify-content: space-between; }
.patterns { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 18px; }
.patterns.large { grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); }
svg.pattern { background: var(--page); border-radius: 3px; } svg.hatch { position: absolute; width: 0; height: 0; }
.scroll { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin: 10px 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 6px 14px; white-space: nowrap; } th { color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--line); }
.left { text-align: left; } .right { text-align: right; }
td.note { text-align: left; color: var(--soft); white-space: normal; }
tbody + tbody tr:first-child td { border-top: 1px solid var(--grid); }
footer { margin-top: 40px; color: var(--soft); font-size: 13px; max-width: 90ch; }
`;
