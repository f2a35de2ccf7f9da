import type { ModelFiles } from "../pretrained/files/model-files.js";
import type { FileSink } from "../pretrained/files/save/file-sink.js";

/** Files in memory, to be read and written. A read beyond the end of a file throws, so that none is asked for more than it has. */
export interface MemoryFiles extends ModelFiles, FileSink {
	readonly contents: Map<string, Uint8Array>;
}

export function memoryFiles(contents: Readonly<Record<string, Uint8Array | string>> = {}): MemoryFiles {
	const files = new Map(
		Object.entries(contents).map(([path, content]) => [
			path,
			typeof content === "string" ? new TextEncoder().encode(content) : content,
		]),
	);
	return {
		contents: files,
		location: "memory",
		size: async (path) => files.get(path)?.length,
		async read(path, begin, end) {
			const file = files.get(path);
			if (!file || !(begin >= 0 && begin <= end && end <= file.length))
				throw new Error(`${path} has ${file?.length} bytes, asked for ${begin} to ${end}`);
			return file.slice(begin, end);
		},
		async write(path, pieces) {
			const all: Uint8Array[] = [];
			for await (const bytes of pieces) all.push(bytes.slice());
			files.set(path, new Uint8Array(Buffer.concat(all)));
		},
	};
}
