/** The files of one checkpoint: a folder, a repository of the Hub, or whatever a caller has. Paths are relative, with "/". */
export interface ModelFiles {
	/** Where they are, for errors and progress. */
	readonly location: string;
	/** Size of a file in bytes; undefined if there is no such file. */
	size(path: string): Promise<number | undefined>;
	/** Bytes `begin` to `end` of a file. */
	read(path: string, begin: number, end: number): Promise<Uint8Array>;
}
