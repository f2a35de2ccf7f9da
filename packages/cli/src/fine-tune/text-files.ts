import type { ModelFiles } from "longspan";

/** Files of a checkpoint that are texts in memory. */
export function textFiles(location: string, texts: ReadonlyMap<string, string>): ModelFiles {
	const contents = new Map([...texts].map(([name, text]) => [name, new TextEncoder().encode(text)]));
	return {
		location,
		size: async (path) => contents.get(path)?.length,
		read: async (path, begin, end) => (contents.get(path) as Uint8Array).slice(begin, end),
	};
}
