/** A file of a repository as the Hub lists it. */
export interface HubFile {
	readonly path: string;
	readonly size: number;
	/** SHA-256 of its content (64 digits) for large files, SHA-1 of its Git blob (40) for others. */
	readonly hash: string;
}

/** What is kept of one repository. */
export interface HubCache {
	/** Where it is, for errors. */
	readonly location: string;
	/** The commit of a branch or tag when it was last asked for; undefined if it never was. */
	commitOf(revision: string): Promise<string | undefined>;
	saveCommit(revision: string, commit: string): Promise<void>;
	/** Size of a file that is there as a whole; undefined if it is not. */
	size(commit: string, path: string): Promise<number | undefined>;
	/** Bytes `begin` to `end` of a file that is there. */
	read(commit: string, path: string, begin: number, end: number): Promise<Uint8Array>;
	/**
	 * Keeps a file. What is there of an interrupted download is gone on with.
	 *
	 * @param bytesFrom gives the rest of its bytes
	 * @throws OptionError if the bytes are not those that the Hub lists; they are thrown away
	 */
	add(commit: string, file: HubFile, bytesFrom: (from: number) => AsyncIterable<Uint8Array>): Promise<void>;
}
