/**
 * Int32 words of the control block through which the threads of a pool talk. Shared by the AssemblyScript module and its
 * TypeScript host. Words that different threads write often lie 64 bytes apart, on cache lines of their own.
 */
export enum ControlWord {
	/** Bumped for every job; sleeping workers wait for it to change. */
	epoch = 0,
	/** Chunks nobody has claimed yet; negative when late workers found nothing. */
	remaining = 16,
	/** Chunks that are not done yet. */
	unfinished = 32,
	/** 1 while the caller sleeps until `unfinished` is 0. */
	callerSleeps = 33,
	/** Bit i is set while the worker of thread i sleeps. */
	sleepers = 48,
	/** 1 when a chunk of the current job trapped. */
	failed = 49,
	/** The job: kernel, number of items, items a chunk, chunks. */
	kernel = 64,
	items = 65,
	grain = 66,
	chunks = 67,
	/** Private scratch: thread i has `scratchBytes` bytes at `scratchBase` + i * `scratchBytes`. */
	scratchBase = 68,
	scratchBytes = 69,
	/** The kernel's arguments, 256 words. */
	args = 80,
	/** Size of the block. */
	length = 336,
}
