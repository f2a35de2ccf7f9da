/** Every thread has an instance of this module of its own, so that these globals are private to the thread. */
let control: usize = 0;
let thread: i32 = 0;

/** Tells the instance which control block to use and which thread it is; 0 is the caller. */
export function enter(controlBlock: usize, index: i32): void {
	control = controlBlock;
	thread = index;
}

/** Which thread this is; 0 is the caller. */
export function threadIndex(): i32 {
	return thread;
}

/** Address of a word of the control block. */
export function controlWord(word: i32): usize {
	return control + ((<usize>word) << 2);
}
