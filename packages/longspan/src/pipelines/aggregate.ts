/** A token of a text with its class. */
export interface ClassifiedToken {
	readonly entity: string;
	readonly score: number;
	readonly index: number;
	readonly id: number;
	readonly start: number;
	readonly end: number;
}

/** Neighbouring tokens of a class. */
export interface EntityGroup {
	readonly group: string;
	/** Mean of the scores of the tokens. */
	readonly score: number;
	readonly ids: readonly number[];
	readonly start: number;
	readonly end: number;
}

/** The class of a label, and whether the label begins an entity: B-X and I-X are of class X, any other label is its own class. */
function tagOf(label: string): { group: string; begins: boolean } {
	const prefix = label.slice(0, 2);
	return prefix === "B-" || prefix === "I-"
		? { group: label.slice(2), begins: prefix === "B-" }
		: { group: label, begins: false };
}

/** Joins neighbouring tokens of a class into entities: a label B-X begins a new one. */
export function groupEntities(tokens: readonly ClassifiedToken[]): EntityGroup[] {
	const groups: { group: string; tokens: ClassifiedToken[] }[] = [];
	for (const token of tokens) {
		const { group, begins } = tagOf(token.entity);
		const current = groups.at(-1);
		if (current && current.group === group && !begins && current.tokens.at(-1)?.index === token.index - 1)
			current.tokens.push(token);
		else groups.push({ group, tokens: [token] });
	}
	return groups.map(({ group, tokens: members }) => ({
		group,
		score: members.reduce((sum, { score }) => sum + score, 0) / members.length,
		ids: members.map(({ id }) => id),
		start: (members[0] as ClassifiedToken).start,
		end: (members.at(-1) as ClassifiedToken).end,
	}));
}
