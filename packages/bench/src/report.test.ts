import { expect, test } from "vitest";
import { atLeast, atMost, figure } from "./report.js";
import { formatNumber, formatReport } from "./table.js";

test("figures are judged by their targets", () => {
	expect(figure("speed", 0.6, atLeast(0.6)).met).toBe(true);
	expect(figure("speed", 0.59, atLeast(0.6)).met).toBe(false);
	expect(figure("time", 5.1, atMost(5)).met).toBe(false);
	expect(figure("speed", 3)).not.toHaveProperty("met");
});

test("numbers have three significant digits", () => {
	expect([0, 1234.5, 12.345, 1.2345, 0.012345].map(formatNumber)).toEqual(["0", "1,235", "12.3", "1.23", "0.0123"]);
});

test("a report shows its columns that have values", () => {
	const text = formatReport({
		title: "suite",
		measurements: [
			{ name: "one", milliseconds: 12 },
			{ name: "other", failure: "failed: no memory" },
		],
		figures: [figure("speed", 2, atLeast(3))],
		notes: ["a note"],
	});
	expect(text).toBe(
		[
			"suite\n",
			"         ms",
			"  one    12",
			"  other      failed: no memory\n",
			"         value      target",
			"  speed      2  at least 3  NOT MET\n",
			"  - a note",
		].join("\n"),
	);
});
