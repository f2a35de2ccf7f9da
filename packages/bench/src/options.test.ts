import { expect, test } from "vitest";
import { parseOptions } from "./options.js";
import { suites } from "./suites/index.js";
import { UsageError } from "./usage-error.js";

test("defaults run every suite", () => {
	expect(parseOptions([])).toMatchObject({ names: Object.keys(suites), threads: 2, turbo: false, seconds: 5 });
});

test("suites and options are read", () => {
	const options = parseOptions([
		"dense",
		"window",
		"--threads",
		"4",
		"--turbo",
		"--json",
		"out.json",
		"--seconds",
		"0.5",
	]);
	expect(options).toMatchObject({
		names: ["dense", "window"],
		threads: 4,
		turbo: true,
		json: "out.json",
		seconds: 0.5,
	});
});

test.each([
	[["dens"], /unknown suite "dens"; there are matmul, dense/],
	[["toString"], /unknown suite "toString"/],
	[["--threads", "0"], /--threads is 0/],
	[["--threads", "two"], /--threads is two/],
	[["--seconds", "-1"], /--seconds/],
	[["--quick"], /--quick/],
])("refuses %j", (args, message) => {
	expect(() => parseOptions(args)).toThrow(UsageError);
	expect(() => parseOptions(args)).toThrow(message);
});
