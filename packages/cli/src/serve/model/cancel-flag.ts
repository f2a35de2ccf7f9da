/** A signal that looks at a word of shared memory whenever it is asked: computing threads do not read messages. */
export function flaggedSignal(cancelled: Int32Array): AbortSignal {
	const controller = new AbortController();
	const { signal } = controller;
	return Object.assign(signal, {
		throwIfAborted() {
			if (Atomics.load(cancelled, 0) === 1) controller.abort();
			AbortSignal.prototype.throwIfAborted.call(signal);
		},
	});
}
