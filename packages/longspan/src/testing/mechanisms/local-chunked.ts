import { type LocalChunkedOptions, localChunked } from "../../attention/local-chunked/index.js";
import { localChunkedReference } from "../../attention/local-chunked/reference.js";
import type { MechanismCase } from "../mechanism-case.js";

function chunkedCase(name: string, options: LocalChunkedOptions): MechanismCase {
	return {
		name: `chunked ${name}`,
		attend: localChunked(options),
		reference: (q, k, v, keyMask) => localChunkedReference(q, k, v, { ...options, keyMask }),
		cross: false,
	};
}

export const localChunkedCases: readonly MechanismCase[] = [
	chunkedCase("16, 1 before, causal", { chunkLength: 16, causal: true }),
	chunkedCase("30, 2 before, no wrap, causal", { chunkLength: 30, before: 2, wrap: "none", causal: true }),
	chunkedCase("30, 1 before, 1 after", { chunkLength: 30, after: 1 }),
	chunkedCase("50, 2 before, 1 after", { chunkLength: 50, before: 2, after: 1 }),
	chunkedCase("64, 1 after, no wrap", { chunkLength: 64, before: 0, after: 1, wrap: "none" }),
];
