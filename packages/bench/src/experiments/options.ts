import { parseArgs } from "node:util";
import { UsageError } from "../usage-error.js";

/** How one setting is read from the command line. */
export interface Option<T> {
	/** What it is, in a line. */
	readonly meaning: string;
	readonly default: T;
	/** What stands for a value in the help; undefined for a flag. */
	readonly placeholder?: string;
	/** What a value must be, for errors. */
	readonly expected: string;
	/** Whether it says what to do now rather than what is measured, and so is not stored with the results. */
	readonly momentary?: boolean;
	/** The value of a text, undefined if it is none. */
	read(text: string): T | undefined;
}

/** An option for each setting; `exactTo` is `--exact-to` on the command line. */
export type OptionTable<S> = { readonly [Name in keyof S]: Option<S[Name]> };
export type Settings = Readonly<Record<string, unknown>>;

/** "4096", or "4k" for the same. */
function readInteger(text: string, min: number): number | undefined {
	const match = /^(\d+)(k?)$/.exec(text.trim());
	if (!match) return undefined;
	const value = Number(match[1]) * (match[2] ? 1024 : 1);
	return value >= min ? value : undefined;
}

export function integer(meaning: string, value: number, min = 1): Option<number> {
	return {
		meaning,
		default: value,
		placeholder: "N",
		expected: `an integer of at least ${min}`,
		read: (text) => readInteger(text, min),
	};
}

export function integers(meaning: string, values: readonly number[], min = 1): Option<readonly number[]> {
	return {
		meaning,
		default: values,
		placeholder: "N,N",
		expected: `integers of at least ${min} with commas between them, as in 1k,2k,4k`,
		read(text) {
			const read = text.split(",").map((part) => readInteger(part, min));
			const good = read.filter((part) => part !== undefined);
			return good.length === read.length ? [...new Set(good)].sort((a, b) => a - b) : undefined;
		},
	};
}

export function positive(meaning: string, value: number): Option<number> {
	return {
		meaning,
		default: value,
		placeholder: "X",
		expected: "a number above 0",
		read: (text) => (Number(text) > 0 && Number.isFinite(Number(text)) ? Number(text) : undefined),
	};
}

export function flag(meaning: string, others: { momentary?: boolean } = {}): Option<boolean> {
	return { meaning, default: false, expected: "no value", read: () => true, ...others };
}

/** Some of the names there are, for what to do now. */
export function names(meaning: string, known: readonly string[]): Option<readonly string[]> {
	return {
		meaning,
		default: known,
		placeholder: "NAME,NAME",
		expected: `names out of ${known.join(", ")}, with commas between them`,
		momentary: true,
		read(text) {
			const given = text.split(",").map((part) => part.trim());
			return given.every((name) => known.includes(name)) ? known.filter((name) => given.includes(name)) : undefined;
		},
	};
}

export function path(meaning: string): Option<string | undefined> {
	return {
		meaning,
		default: undefined,
		placeholder: "PATH",
		expected: "a path",
		read: (text) => (text === "" ? undefined : text),
	};
}

/** Options of every experiment. */
export const commonOptions = {
	threads: integer("threads that compute", 2),
	turbo: flag("use the turbo build (Node 24 or later)"),
	seed: integer("seed of all random numbers", 0, 0),
	json: path("write the results there, and leave docs/experiments.md as it is"),
	help: flag("show this text"),
};

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Reads the arguments after the experiment's name. Throws `UsageError`. */
export function readOptions<S extends object>(experiment: string, table: OptionTable<S>, args: readonly string[]): S {
	const entries = Object.entries(table) as [string, Option<unknown>][];
	const values = parse(experiment, entries, args);
	return Object.fromEntries(
		entries.map(([name, option]) => {
			const given = values[dashed(name)];
			if (given === undefined) return [name, option.default];
			const value = option.read(String(given));
			if (value === undefined)
				throw new UsageError(`--${dashed(name)} is ${JSON.stringify(given)}; expected ${option.expected}`);
			return [name, value];
		}),
	) as S;
}

function parse(experiment: string, entries: readonly [string, Option<unknown>][], args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: Object.fromEntries(
				entries.map(([name, { placeholder }]) => [dashed(name), { type: placeholder ? "string" : "boolean" }] as const),
			),
		}).values as Record<string, string | boolean | undefined>;
	} catch (error) {
		const message = error instanceof Error ? (error.message.split(/\.\s/)[0] as string) : String(error);
		throw new UsageError(`${message}; npm run experiment -- ${experiment} --help lists the options`);
	}
}

/** The settings that are stored with the results. */
export function lastingSettings<S extends object>(table: OptionTable<S>, settings: S): Settings {
	const options = table as Record<string, Option<unknown>>;
	return Object.fromEntries(Object.entries(settings).filter(([name]) => !options[name]?.momentary));
}

/** Lines of help. */
export function describeOptions(table: OptionTable<object>): string {
	const rows = Object.entries<Option<unknown>>(table as Record<string, Option<unknown>>).map(
		([name, { meaning, placeholder, default: value }]) =>
			[
				`--${dashed(name)}${placeholder ? ` ${placeholder}` : ""}`,
				`${meaning}${placeholder && value !== undefined ? ` (default ${value})` : ""}`,
			] as const,
	);
	const width = Math.max(...rows.map(([option]) => option.length)) + 2;
	return rows.map(([option, meaning]) => `  ${option.padEnd(width)}${meaning}`).join("\n");
}
