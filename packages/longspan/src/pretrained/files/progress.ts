/** What happens to a file of the Hub, in the form that transformers.js tells it. */
export interface ProgressEvent {
	/** Its download begins, has come further, or is complete. */
	readonly status: "initiate" | "progress" | "done";
	/** The repository. */
	readonly name: string;
	readonly file: string;
	/** Bytes that are there. */
	readonly loaded: number;
	/** Bytes of the file. */
	readonly total: number;
	/** `loaded` in percent of `total`. */
	readonly progress: number;
}
