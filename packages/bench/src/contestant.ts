/** Something that is timed. */
export interface Contestant {
	/** Unique within a comparison. */
	readonly name: string;
	/** Does the work once; done when it returns or its promise resolves. */
	run(): void | Promise<void>;
	/** Milliseconds of CPU time used so far by other processes that do its work. Default: there are none. */
	processorTime?(): number;
	/** The result of the work, in the layout all contestants of a comparison share. */
	output?(): Promise<Float32Array>;
	/** Frees what the contestant holds. */
	dispose?(): void;
}
