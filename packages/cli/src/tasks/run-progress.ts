import type { ReadingProgress } from "longspan";
import { formatCount } from "../output/format.js";
import { createProgress } from "../output/progress.js";

/** Tells on stderr how far a run over documents is: which file is read, and on a terminal which of its windows. */
export class RunProgress {
	private readonly progress;
	private done = 0;
	private path = "";
	private started = false;

	/** `silent`: whether results appear on the same terminal, file by file. */
	constructor(
		private readonly verb: string,
		private readonly files: number,
		private readonly silent: boolean,
		private readonly stream: NodeJS.WriteStream = process.stderr,
	) {
		this.progress = createProgress(stream);
	}

	/** The next file is read. */
	file(path: string): void {
		this.path = path;
		if (this.files > 1) this.tell(this.files, this.done++, path);
	}

	/** Windows of it were computed. */
	readonly windows = ({ done, total }: ReadingProgress): void => {
		if (!this.stream.isTTY || total === 1) return;
		const windows = `${formatCount(done)} of ${formatCount(total)} windows`;
		if (this.files === 1) this.tell(total, done, "windows");
		else this.tell(this.files, this.done - 1, `${this.path}: ${windows}`);
	};

	/** Something worth a line of its own. */
	note(text: string): void {
		if (this.started) this.progress.note(text);
		else this.stream.write(`${text}\n`);
	}

	/** Ends the bar, so that something else can be written. */
	finish(complete: boolean): void {
		if (this.started) this.progress.finish(complete);
		this.started = false;
	}

	private tell(total: number, done: number, detail: string): void {
		if (this.silent) return;
		if (!this.started) this.progress.start(this.verb, total);
		this.started = true;
		this.progress.update(done, detail);
	}
}
