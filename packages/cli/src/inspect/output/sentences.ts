import { formatBytes, formatCount } from "../../output/format.js";
import { headNames } from "../../output/head-names.js";
import type { InspectResult } from "../result.js";

const bytesPerNumber = 4;

/** What is inspected, in one line. */
export function subjectLine({ attention, description, length, heads }: InspectResult): string {
	const what = attention === description ? attention : `${attention} (${description})`;
	return `${what}: ${formatCount(length)} tokens, ${heads} ${heads === 1 ? "head" : "heads"}`;
}

/** What queries see where there are no pairs; null where there are. */
export function indirectLine({ kind, slots, causal, heads, headDim, decoding }: InspectResult): string | null {
	if (kind === "tiles") return null;
	const keys = causal ? "Every key up to a query's own" : "Every key";
	const near = causal ? "each token is one layer from all before it" : "any two tokens are one layer apart";
	const consequence = `so that no pair has a score of its own, and ${near}`;
	if (kind === "projection")
		return `${keys} is seen through ${formatCount(slots ?? 0)} mixtures of all keys, ${consequence}.`;
	const bytes = decoding.sizes[0]?.bytes;
	const state = bytes ? `a state of ${formatCount(bytes / bytesPerNumber / heads)} numbers` : "a state of fixed size";
	return `${keys} is seen through ${state} for each head of ${headDim}, ${consequence}.`;
}

/** What there is beside tokens; null if nothing. */
export function extraNodesLine({ nodes, length }: InspectResult): string | null {
	if (nodes === null || nodes === length) return null;
	if (nodes === length + 1) return `Node ${formatCount(length)} is no token but an extra node of this attention.`;
	return `Nodes ${formatCount(length)} to ${formatCount(nodes - 1)} are no tokens but extra nodes of this attention.`;
}

/** What a random graph is in the table; null if there is none. */
export function randomGraphLine({ paths, causal }: InspectResult): string | null {
	const random = paths.find(({ of }) => of === "random graph");
	if (!random) return null;
	const like = random.heads === null ? "a layer of all heads" : headNames(random.heads);
	const which = causal ? ", each from a token to an earlier one" : "";
	return `“random graph” has as many links as ${like}, drawn at random (Erdős–Rényi)${which}.`;
}

/** What decoding remembers, or that it has no exact form. */
export function decodingText({ decoding: { sizes, reason }, heads, headDim }: InspectResult): string {
	if (reason !== null) return `no exact step form (${reason})`;
	const told = sizes.map(
		({ tokens, bytes }) => `${formatBytes(bytes)} after ${formatCount(tokens)} ${tokens === 1 ? "token" : "tokens"}`,
	);
	const same = sizes.length > 1 && sizes.every(({ bytes }) => bytes === sizes[0]?.bytes);
	const state = same ? `${formatBytes(sizes[0]?.bytes ?? 0)}, whatever the number of tokens` : told.join(", ");
	return `remembers ${state} (causal, ${heads} × ${headDim}, float32)`;
}
