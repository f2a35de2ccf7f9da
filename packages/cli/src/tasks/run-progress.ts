import type { ReadingProgress } from "longspan";
import { formatCount } from "../output/format.js";
import { createProgress } from "../output/progress.js";

/** Tells on stderr how far a run over documents is: which file is read, and on a terminal which of its windows. */
export class RunProgress {
	private readonly progress;
	private done = 0;
	private path = "";
	private started = false;

	constructor(
		private readonly verb: string,
		private readonly files: number,
		private readonly stream: NodeJS.WriteStream = process.stderr,
	) {
		this.progress = createProgress(stream);
	}

	/** The next file is read. */
	file(path: string): void {
		this.path = path;
		if (this.files === 1) return;
		if (!this.started) this.progress.start(this.verb, this.files);
		this.started = true;
		this.progress.update(this.done++, path);
	}

	/** Windows of it were computed. */
	readonly windows = ({ done, total }: ReadingProgress): void => {
		if (!this.stream.isTTY || total === 1) return;
		if (this.files > 1) {
			this.progress.update(this.done - 1, `${this.path}: ${formatCount(done)} of ${formatCount(total)} windows`);
			return;
		}
		if (!this.started) this.progress.start(this.verb, total);
		this.started = true;
		this.progress.update(done, "windows");
	};

	/** Something worth a line of its own. */
	note(text: string): void {
		this.progress.note(text);
	}

	finish(complete: boolean): void {
		this.progress.finish(complete);
	}
}
