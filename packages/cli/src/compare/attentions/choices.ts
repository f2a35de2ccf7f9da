import type { Attention } from "longspan";
import { UsageError } from "../../errors.js";
import { type AttentionEntry, registry } from "./registry.js";

/** One attention of the list the user gave. */
export interface AttentionChoice {
	/** As given, such as `window:512`: what rows and plots are labelled with. */
	readonly label: string;
	/** Name in the registry. */
	readonly name: string;
	create(causal: boolean): Attention;
}

function knownNames(): string {
	return registry.map(({ name }) => name).join(", ");
}

/**
 * Reads a list such as `full,window:512,window:512:dilation=4`: names separated by commas, each with options after colons.
 * `window=512` is understood as `window:512`.
 */
export function parseAttentions(list: string): AttentionChoice[] {
	const choices = list.split(",").map((part) => parseChoice(part.trim()));
	choices.forEach(({ label }, index) => {
		if (choices.findIndex((other) => other.label === label) !== index)
			throw new UsageError(`--attentions names "${label}" twice`);
	});
	return choices;
}

function parseChoice(text: string): AttentionChoice {
	const [head = "", ...rest] = text.split(":");
	const [name = "", ...value] = head.split("=");
	const entry = registry.find((candidate) => candidate.name === name);
	if (!entry) throw new UsageError(`--attentions: there is no attention "${name}"; there are ${knownNames()}`);
	const given = value.length > 0 ? [value.join("="), ...rest] : rest;
	const options = Object.fromEntries(
		Object.entries(entry.options).map(([option, { default: value }]) => [option, value]),
	);
	for (const [option, number] of given.map((part, index) => parseOption(entry, text, part, index)))
		options[option] = number;
	return { label: [name, ...given].join(":"), name, create: (causal) => entry.create(options, causal) };
}

function parseOption(entry: AttentionEntry, text: string, part: string, index: number): [string, number] {
	const names = Object.keys(entry.options);
	const [left = "", right] = part.split("=");
	const option = right === undefined && index === 0 ? names[0] : left;
	const description = option !== undefined && Object.hasOwn(entry.options, option) ? entry.options[option] : undefined;
	if (option === undefined || description === undefined)
		throw new UsageError(
			`--attentions: "${text}" gives ${entry.name} the option "${part}"; ${names.length > 0 ? `it has ${names.join(", ")}` : "it has none"}`,
		);
	const digits = right ?? left;
	const value = Number(digits);
	if (digits.trim() === "" || !Number.isInteger(value) || value < description.min)
		throw new UsageError(
			`--attentions: "${text}" has ${option} "${digits}"; expected an integer of at least ${description.min}`,
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
