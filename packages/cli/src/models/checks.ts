/** Looks at a value of a file and says what is wrong with it, naming it by its path; null if nothing is. */
export type Check = (value: unknown, path: string) => string | null;

/** "layers is 0; expected" and what. */
function told(value: unknown, path: string, expected: string): string {
	return `${path} is ${JSON.stringify(value)}; expected ${expected}`;
}

/** A check that passes what `fits`. */
export function check(expected: string, fits: (value: unknown) => boolean): Check {
	return (value, path) => (fits(value) ? null : told(value, path, expected));
}

/** An integer of `min` to `max`. */
export function integer(min: number, max: number): Check {
	return check(
		`an integer from ${min} to ${max}`,
		(value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
	);
}

/** One of some texts. */
export function oneOf(...texts: readonly string[]): Check {
	return check(texts.map((text) => `"${text}"`).join(" or "), (value) => texts.includes(value as string));
}

export const flag = check("true or false", (value) => typeof value === "boolean");

/** Null, or what another check passes. */
export function orNull(other: Check): Check {
	return (value, path) => (value === null ? null : (other(value, path)?.concat(" or null") ?? null));
}

/** A list of at least one element, each of which passes. */
export function listOf(element: Check): Check {
	return (value, path) => {
		if (!Array.isArray(value) || value.length === 0) return told(value, path, "a list of at least one");
		return firstOf(value.map((entry, index) => element(entry, `${path}[${index}]`)));
	};
}

/** An object with these fields, all of them but the `optional` ones, and no others. */
export function record(fields: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
	const known: Readonly<Record<string, Check>> = { ...fields, ...optional };
	return (value, path) => {
		if (typeof value !== "object" || value === null || Array.isArray(value)) return told(value, path, "an object");
		const entries = value as Record<string, unknown>;
		const place = path === "" ? "" : `${path}.`;
		const unknown = Object.keys(entries).find((name) => !Object.hasOwn(known, name));
		if (unknown !== undefined)
			return `there is no field "${place}${unknown}"; there are ${Object.keys(known).join(", ")}`;
		return firstOf(
			Object.entries(known).map(([name, own]) =>
				Object.hasOwn(fields, name) || Object.hasOwn(entries, name) ? own(entries[name], `${place}${name}`) : null,
			),
		);
	};
}

function firstOf(problems: readonly (string | null)[]): string | null {
	return problems.find((problem) => problem !== null) ?? null;
}
