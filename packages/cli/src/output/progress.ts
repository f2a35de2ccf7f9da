import cliProgress from "cli-progress";

/** Tells on stderr how far a run is. */
export interface Progress {
	/** Starts a phase of `total` parts. */
	start(title: string, total: number): void;
	/** `done` parts are done; `detail` says what is under way. */
	update(done: number, detail: string): void;
	/** Something worth a line of its own. */
	note(text: string): void;
	/** Ends the phase. `complete`: whether all of it was done. */
	finish(complete?: boolean): void;
}

/** Cells of a bar, fewer where the terminal leaves no room for details beside it. */
const barCells = { least: 10, most: 30 } as const;
const detailCells = 90;

/** A bar on a terminal, plain lines elsewhere. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
	return stream.isTTY ? new BarProgress(stream) : new LineProgress(stream);
}

class BarProgress implements Progress {
	private bar: cliProgress.SingleBar | null = null;
	private notes: string[] = [];
	private total = 0;
	private detail = "";
	/** Characters of a detail that fit beside the bar. */
	private room = Number.POSITIVE_INFINITY;

	constructor(private readonly stream: NodeJS.WriteStream) {}

	start(title: string, total: number): void {
		this.total = total;
		const columns = this.stream.columns ?? 0;
		const barsize = Math.max(barCells.least, Math.min(barCells.most, columns - detailCells));
		const name = title.padEnd(10);
		if (columns > 0) this.room = Math.max(0, columns - name.length - barsize - 2 * String(total).length - 5);
		this.bar = new cliProgress.SingleBar({
			format: `${name} {bar} {value}/{total} {detail}`,
			barCompleteChar: "━",
			barIncompleteChar: "·",
			barsize,
			stream: this.stream,
			// Its handler would keep Ctrl-C from ending the program, which must leave the terminal as it was.
			gracefulExit: false,
			linewrap: true,
		});
		this.bar.start(total, 0, { detail: "" });
	}

	update(done: number, detail: string): void {
		this.detail = detail.slice(0, this.room);
		this.bar?.update(done, { detail: this.detail });
		this.bar?.render();
	}

	// Kept until the bar is done, which lines in between would tear.
	note(text: string): void {
		this.notes.push(text);
	}

	finish(complete = true): void {
		if (complete) this.bar?.update(this.total, { detail: this.detail });
		this.bar?.stop();
		this.bar = null;
		for (const text of this.notes) this.stream.write(`${text}\n`);
		this.notes = [];
	}
}

class LineProgress implements Progress {
	private title = "";

	constructor(private readonly stream: NodeJS.WritableStream) {}

	start(title: string): void {
		this.title = title;
	}

	update(_done: number, detail: string): void {
		this.stream.write(`${this.title}: ${detail}\n`);
	}

	note(text: string): void {
		this.stream.write(`${text}\n`);
	}

	finish(): void {}
}
