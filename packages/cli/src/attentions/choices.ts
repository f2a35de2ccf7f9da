import type { Attention } from "longspan";
import { UsageError } from "../errors.js";
import { type AttentionEntry, registry } from "./registry.js";

/** One attention of the list the user gave. */
export interface AttentionChoice {
	/** As given, such as `window:512`: what rows and plots are labelled with. */
	readonly label: string;
	/** Name in the registry. */
	readonly name: string;
	/** The mechanism for sequences of up to `length` tokens; throws `OptionError` where it has no such form. */
	create(causal: boolean, length: number): Attention;
}

function knownNames(): string {
	return registry.map(({ name }) => name).join(", ");
}

/**
 * Reads a list such as `full,window:512,window:512:dilation=4`: names separated by commas, each with options after colons.
 * `window=512` is understood as `window:512`. `all` stands for every name.
 */
export function parseAttentions(list: string): AttentionChoice[] {
	const names = list.trim() === "all" ? registry.map(({ name }) => name) : list.split(",");
	const choices = names.map((part) => parseAttention(part.trim(), "--attentions"));
	choices.forEach(({ label }, index) => {
		if (choices.findIndex((other) => other.label === label) !== index)
			throw new UsageError(`--attentions names "${label}" twice`);
	});
	return choices;
}

/** Reads one attention with its options. Throws `UsageError` that begins with `source`, the option or place the text is from. */
export function parseAttention(text: string, source: string): AttentionChoice {
	const [head = "", ...rest] = text.split(":");
	const [name = "", ...value] = head.split("=");
	const entry = registry.find((candidate) => candidate.name === name);
	if (!entry) throw new UsageError(`${source}: there is no attention "${name}"; there are ${knownNames()}`);
	const given = value.length > 0 ? [value.join("="), ...rest] : rest;
	const options = Object.fromEntries(
		Object.entries(entry.options).map(([option, { default: value }]) => [option, value]),
	);
	for (const [option, number] of given.map((part, index) => parseOption(source, entry, text, part, index)))
		options[option] = number;
	return { label: [name, ...given].join(":"), name, create: (causal, length) => entry.create(options, causal, length) };
}

function parseOption(
	source: string,
	entry: AttentionEntry,
	text: string,
	part: string,
	index: number,
): [string, number] {
	const names = Object.keys(entry.options);
	const [left = "", right] = part.split("=");
	const option = right === undefined && index === 0 ? names[0] : left;
	const description = option !== undefined && Object.hasOwn(entry.options, option) ? entry.options[option] : undefined;
	if (option === undefined || description === undefined)
		throw new UsageError(
			`${source}: "${text}" gives ${entry.name} the option "${part}"; ${names.length > 0 ? `it has ${names.join(", ")}` : "it has none"}`,
		);
	const digits = right ?? left;
	const value = Number(digits);
	if (digits.trim() === "" || !Number.isInteger(value) || value < description.min)
		throw new UsageError(
			`${source}: "${text}" has ${option} "${digits}"; expected an integer of at least ${description.min}`,
		);
	return [option, value];
}

/** The registry for the help text: a line per attention, and one per option below it. */
export function describeRegistry(): string {
	const width = Math.max(...registry.map(({ name }) => name.length));
	const lines = registry.flatMap(({ name, summary, options }) => [
		`  ${name.padEnd(width)}  ${summary}`,
		...Object.entries(options).map(
			([option, { default: value, summary: text }]) =>
				`  ${" ".repeat(width)}    ${option}: ${text} (default: ${value})`,
		),
	]);
	return lines.join("\n");
}
