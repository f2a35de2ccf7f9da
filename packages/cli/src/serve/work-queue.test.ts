import { describe, expect, it } from "vitest";
import { QueueClosedError, QueueFullError, WorkQueue } from "./work-queue.js";

const never = new AbortController().signal;

/** Work whose end is up to the test. */
function held<T>() {
	let resolve: (value: T) => void = () => {};
	let reject: (error: Error) => void = () => {};
	const promise = new Promise<T>((...settle) => {
		[resolve, reject] = settle;
	});
	let begun = false;
	const work = () => {
		begun = true;
		return promise;
	};
	return { work, resolve: (value: T) => resolve(value), reject: (error: Error) => reject(error), begun: () => begun };
}

describe("a queue of work", () => {
	it("does one piece at a time, in order, whatever becomes of each", async () => {
		const queue = new WorkQueue(2);
		const [first, second, third] = [held<number>(), held<number>(), held<number>()];
		const results = [first, second, third].map(({ work }) => queue.enter().run(work, never));
		expect([first.begun(), second.begun(), queue.waiting, queue.running]).toEqual([true, false, 2, true]);
		first.reject(new Error("broken"));
		await expect(results[0]).rejects.toThrow("broken");
		await expect.poll(second.begun).toBe(true);
		expect([third.begun(), queue.waiting]).toEqual([false, 1]);
		second.resolve(2);
		third.resolve(3);
		expect(await Promise.all(results.slice(1))).toEqual([2, 3]);
		await queue.idle();
		expect(queue.running).toBe(false);
	});

	it("has room for a bounded number, from before their work is there until it has ended", async () => {
		const queue = new WorkQueue(1);
		const [first, second] = [queue.enter(), queue.enter()];
		expect(() => queue.enter()).toThrow(QueueFullError);
		second.leave();
		const again = queue.enter();
		again.leave();
		const work = held<number>();
		const stop = new AbortController();
		const result = first.run(work.work, stop.signal);
		stop.abort(new Error("gone"));
		await expect(result).rejects.toThrow("gone");
		first.leave();
		// It still runs.
		queue.enter();
		expect(() => queue.enter()).toThrow(QueueFullError);
		work.resolve(1);
		await queue.idle();
		queue.enter();
	});

	it("drops what waits when nobody wants it any more", async () => {
		const queue = new WorkQueue(2);
		const [first, second, third] = [held<number>(), held<number>(), held<number>()];
		const stop = new AbortController();
		queue.enter().run(first.work, never);
		const dropped = queue.enter().run(second.work, stop.signal);
		const last = queue.enter().run(third.work, never);
		stop.abort(new Error("gone"));
		await expect(dropped).rejects.toThrow("gone");
		expect(queue.waiting).toBe(1);
		first.resolve(1);
		third.resolve(3);
		expect(await last).toBe(3);
		expect(second.begun()).toBe(false);
	});

	it("when closed, refuses what waits and comes, not what runs", async () => {
		const queue = new WorkQueue(2);
		const [first, second] = [held<number>(), held<number>()];
		const running = queue.enter().run(first.work, never);
		const waiting = queue.enter().run(second.work, never);
		const late = queue.enter();
		queue.close();
		await expect(waiting).rejects.toThrow(QueueClosedError);
		await expect(late.run(second.work, never)).rejects.toThrow(QueueClosedError);
		expect(() => queue.enter()).toThrow(QueueClosedError);
		first.resolve(1);
		expect(await running).toBe(1);
		expect(second.begun()).toBe(false);
	});
});
