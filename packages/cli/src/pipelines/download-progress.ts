import type { ProgressEvent } from "longspan";
import { formatBytes } from "../output/format.js";
import { createProgress } from "../output/progress.js";

/** Tells on stderr of the files that are downloaded: how far they are on a terminal, that they are elsewhere. */
export function downloadProgress(stream: NodeJS.WriteStream = process.stderr) {
	const progress = createProgress(stream);
	let current: string | undefined;
	const end = (complete: boolean) => {
		if (current !== undefined) progress.finish(complete);
		current = undefined;
	};
	return {
		/** Takes in what happens to a file. */
		event({ status, file, loaded, total, progress: percent }: ProgressEvent): void {
			if (current !== file) {
				end(false);
				current = file;
				progress.start("download", 100);
			}
			const size = formatBytes(total);
			if (stream.isTTY) progress.update(Math.floor(percent), `% of ${file}, ${formatBytes(loaded)} of ${size}`);
			else if (status === "initiate") progress.update(0, `${file}, ${size}`);
			if (status === "done") end(true);
		},
		/** Ends what a failure has left. */
		stop: () => end(false),
	};
}
