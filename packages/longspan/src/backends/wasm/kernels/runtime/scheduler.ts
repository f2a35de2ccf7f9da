import { ControlWord } from "./control-word";
import { runKernel } from "../run";
import { controlWord, threadIndex } from "./thread";

/** Loads of one word before a worker goes to sleep, some tens of microseconds. */
const WORKER_SPINS = 120_000;

/** True while this thread holds a chunk it has claimed. */
let holdsChunk: bool = false;

/**
 * Claims chunks of the current job and does them until none is left. `remaining` counts down, so a claim is valid exactly
 * if it got a positive number, and as long as it is held the caller cannot start another job: a worker that comes late
 * either finds nothing or takes part in the next job, whose description is then complete.
 */
function takePart(): void {
	for (;;) {
		const claim = atomic.sub<i32>(controlWord(ControlWord.remaining), 1);
		if (claim <= 0) return;
		holdsChunk = true;
		const grain = load<i32>(controlWord(ControlWord.grain));
		const first = (load<i32>(controlWord(ControlWord.chunks)) - claim) * grain;
		// Written so that it cannot overflow near 2^31 items.
		const last = first + min(grain, load<i32>(controlWord(ControlWord.items)) - first);
		runKernel(load<i32>(controlWord(ControlWord.kernel)), controlWord(ControlWord.args), first, last);
		holdsChunk = false;
		finish(1);
	}
}

function finish(chunks: i32): void {
	const word = controlWord(ControlWord.unfinished);
	if (atomic.sub<i32>(word, chunks) == chunks && atomic.load<i32>(controlWord(ControlWord.callerSleeps)) != 0) {
		atomic.notify(word, 1);
	}
}

/**
 * Runs a job of `chunks` chunks of `grain` items on all threads, the caller included; the arguments are in the control
 * block already. True if it is done, false if other threads still work on it: see `awaitJob`.
 */
export function runJob(kernel: i32, items: i32, grain: i32, chunks: i32, spins: i32): bool {
	store<i32>(controlWord(ControlWord.kernel), kernel);
	store<i32>(controlWord(ControlWord.items), items);
	store<i32>(controlWord(ControlWord.grain), grain);
	store<i32>(controlWord(ControlWord.chunks), chunks);
	atomic.store<i32>(controlWord(ControlWord.failed), 0);
	atomic.store<i32>(controlWord(ControlWord.unfinished), chunks);
	atomic.store<i32>(controlWord(ControlWord.remaining), chunks);
	const epoch = controlWord(ControlWord.epoch);
	atomic.add<i32>(epoch, 1);
	if (atomic.load<i32>(controlWord(ControlWord.sleepers)) != 0) atomic.notify(epoch, chunks - 1);
	takePart();
	return awaitJob(spins, 0);
}

/**
 * Waits until no chunk is unfinished: looks `spins` times, then sleeps up to `microseconds` (0: never, for a browser's
 * main thread must not). True if the job is done.
 */
export function awaitJob(spins: i32, microseconds: i32): bool {
	const word = controlWord(ControlWord.unfinished);
	for (let i = 0; i < spins; i++) {
		if (atomic.load<i32>(word) == 0) return true;
	}
	if (microseconds > 0) {
		atomic.store<i32>(controlWord(ControlWord.callerSleeps), 1);
		const unfinished = atomic.load<i32>(word);
		if (unfinished != 0) atomic.wait<i32>(word, unfinished, <i64>microseconds * 1000);
		atomic.store<i32>(controlWord(ControlWord.callerSleeps), 0);
	}
	return atomic.load<i32>(word) == 0;
}

/** Called after a trap on this thread: gives back the chunk it held and calls off those nobody has claimed. */
export function abandon(): void {
	atomic.store<i32>(controlWord(ControlWord.failed), 1);
	let chunks = max(0, atomic.xchg<i32>(controlWord(ControlWord.remaining), 0));
	if (holdsChunk) {
		holdsChunk = false;
		chunks++;
	}
	if (chunks > 0) finish(chunks);
}

/** Runs a kernel on the caller alone; the arguments are in the control block already. */
export function runAlone(kernel: i32, items: i32): void {
	runKernel(kernel, controlWord(ControlWord.args), 0, items);
}

/** The endless loop of a worker. Spins a while for the next job, then sleeps. */
export function work(): void {
	const epoch = controlWord(ControlWord.epoch);
	const bit = 1 << threadIndex();
	for (;;) {
		const seen = atomic.load<i32>(epoch);
		takePart();
		let spins = WORKER_SPINS;
		while (spins > 0 && atomic.load<i32>(epoch) == seen) spins--;
		if (spins > 0) continue;
		// Whoever bumps the epoch after this sees the bit; if it was bumped before, the wait returns at once.
		atomic.or<i32>(controlWord(ControlWord.sleepers), bit);
		atomic.wait<i32>(epoch, seen, -1);
		atomic.and<i32>(controlWord(ControlWord.sleepers), ~bit);
	}
}
