import { expect, test } from "vitest";
import { UsageError } from "../usage-error.js";
import {
	describeOptions,
	flag,
	integer,
	integers,
	lastingSettings,
	names,
	path,
	positive,
	readOptions,
} from "./options.js";

const table = {
	lengths: integers("lengths", [512], 64),
	exactTo: integer("longest", 1024),
	seconds: positive("time", 3),
	quick: flag("less"),
	json: path("file"),
	only: names("some", ["one", "two", "three"]),
};
const read = (...args: string[]) => readOptions("name", table, args);

test("defaults, and values in their place", () => {
	expect(read()).toEqual({
		lengths: [512],
		exactTo: 1024,
		seconds: 3,
		quick: false,
		json: undefined,
		only: ["one", "two", "three"],
	});
	expect(
		read(
			"--lengths",
			"4k,64,4096",
			"--exact-to",
			"2k",
			"--seconds",
			"0.5",
			"--quick",
			"--json",
			"a.json",
			"--only",
			"three,one",
		),
	).toEqual({
		lengths: [64, 4096],
		exactTo: 2048,
		seconds: 0.5,
		quick: true,
		json: "a.json",
		only: ["one", "three"],
	});
});

test.each([
	[["--lengths", "4k,32"], /^--lengths is "4k,32"; expected integers of at least 64/],
	[["--lengths", ""], /^--lengths is ""; expected integers/],
	[["--exact-to", "1.5"], /^--exact-to is "1.5"; expected an integer of at least 1$/],
	[["--exact-to", "0"], /^--exact-to is "0"/],
	[["--seconds", "-1"], /--seconds/],
	[["--json", ""], /^--json is ""; expected a path$/],
	[["--seconds", "Infinity"], /^--seconds is "Infinity"; expected a number above 0$/],
	[["--only", "one,four"], /^--only is "one,four"; expected names out of one, two, three, with commas between them$/],
	[["--slow"], /--slow.*name --help lists the options$/],
	[["more"], /more.*--help lists the options$/],
])("refuses %j in one line", (args, message) => {
	expect(() => read(...args)).toThrow(UsageError);
	expect(() => read(...args)).toThrow(message);
	expect(() => read(...args)).not.toThrow(/\n/);
});

test("the help names every option as it is typed", () => {
	expect(describeOptions(table)).toMatch(/--exact-to N +longest \(default 1024\)\n/);
	expect(describeOptions(table)).toMatch(/--quick +less\n/);
});

test("what says only what to do now is not stored", () => {
	expect(lastingSettings(table, read("--quick"))).toEqual({
		lengths: [512],
		exactTo: 1024,
		seconds: 3,
		quick: true,
		json: undefined,
	});
});
