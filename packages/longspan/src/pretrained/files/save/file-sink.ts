/** Takes the files of a checkpoint: a folder, or whatever a caller has. Paths are relative, with "/". */
export interface FileSink {
	/** Where they go, for errors. */
	readonly location: string;
	/** Writes a file from pieces, which are made one after another; each may be overwritten when the next is asked for. */
	write(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
}
