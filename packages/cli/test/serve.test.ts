import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { init, pipeline } from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { longformerLength, writeLongformer } from "../src/testing/longformer-checkpoint.js";
import { command, inEmptyFolder, missing } from "./command.js";

const { longspan } = inEmptyFolder();
let model: string;
beforeAll(() => {
	model = writeLongformer(mkdtempSync(join(tmpdir(), "longspan-serve-")));
});
afterAll(() => rmSync(model, { recursive: true }));

const token = "a-token";
const authorization = { Authorization: `Bearer ${token}` };

/** Starts the command as a process of its own, and waits until it serves. */
async function serve(...args: string[]) {
	const child = spawn(process.execPath, [command, "serve", "--port", "0", "--threads", "1", ...args], {
		env: { ...process.env, LONGSPAN_TOKEN: token },
	});
	let stderr = "";
	child.stderr.on("data", (chunk) => (stderr += chunk));
	const ended = once(child, "close") as Promise<[number | null]>;
	const address = await Promise.race([
		once(child.stdout, "data").then(([chunk]) => String(chunk).trim()),
		ended.then(([code]) => Promise.reject(new Error(`it ended with code ${code}: ${stderr}`))),
	]);
	const get = (path: string) => fetch(`${address}${path}`, { headers: authorization });
	const post = (path: string, body: unknown, more: RequestInit = {}) =>
		fetch(`${address}${path}`, {
			method: "POST",
			headers: { ...authorization, "Content-Type": "application/json" },
			body: JSON.stringify(body),
			...more,
		});
	return { child, ended, address, get, post, told: () => stderr };
}

/** What the library finds by the same checkpoint. */
async function inProcess() {
	const device = await init({ device: "wasm", threads: 1 });
	try {
		const ask = await pipeline("question-answering", model, { device });
		const embed = await pipeline("feature-extraction", model, { device });
		return {
			short: await ask(question, short),
			long: await ask(question, long, { overflow: "stride" }),
			vectors: await embed([short, "light"], { pooling: "mean", normalize: true }),
			tokens: [short, "light"].reduce((sum, text) => sum + ask.tokenizer.encode(text).ids.length, 0),
		};
	} finally {
		device.dispose();
	}
}

const question = "Who keeps the light?";
const short = "On the rock stands a tower. Ana keeps the light, and writes a line in the log each night.";
const long = "The sea was calm, and nobody came. ".repeat(60) + short + " The wind blew from the north.".repeat(60);
/** Takes seconds; with `endlessly`, a minute. */
const book = short.repeat(1500);
const endlessly = { overflow: "stride", stride: 500 };
const patient = { timeout: 20_000 };

describe.skipIf(missing !== "")(`longspan serve${missing}`, () => {
	describe("of a checkpoint", () => {
		let server: Awaited<ReturnType<typeof serve>>;
		let expected: Awaited<ReturnType<typeof inProcess>>;
		const post: (typeof server)["post"] = (...request) => server.post(...request);
		const json = async (path: string, body: unknown) => {
			const answer = await post(path, body);
			return [answer.status, await answer.json()] as const;
		};
		const metrics = async () => (await server.get("/metrics")).text();
		const ask = (context: string, parameters = {}) =>
			json("/pipelines/question-answering", { inputs: { question, context }, parameters });

		beforeAll(async () => {
			const args = ["--model", model, "--task", "question-answering,feature-extraction"];
			server = await serve(...args, "--queue", "0", "--max-body", "1mb");
			expected = await inProcess();
		});
		afterAll(() => server.child.kill("SIGKILL"));

		it("answers questions as the library does, and cuts nothing silently", async () => {
			expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
			const close = (found: { score: number }) => ({ ...found, score: expect.closeTo(found.score, 6) });
			expect(await ask(short)).toEqual([200, { result: close(expected.short), usage: { tokens: expect.any(Number) } }]);
			const [status, { error }] = await ask(long);
			expect(status).toBe(400);
			expect(error.message).toMatch(new RegExp(`the model takes ${longformerLength}; pass overflow: "stride"`));
			const [, { result, overflow }] = await ask(long, { overflow: "stride", top_k: 2 });
			expect(result[0]).toMatchObject(close(expected.long));
			expect(overflow).toMatchObject([{ policy: "stride", limit: longformerLength, dropped: 0 }]);
		});

		it("embeds as the library does, in OpenAI's form", async () => {
			const [, floats] = await json("/v1/embeddings", { input: [short, "light"], model: basename(model) });
			const usage = { prompt_tokens: expected.tokens, total_tokens: expected.tokens };
			expect(floats).toEqual({
				...{ object: "list", model: basename(model), usage },
				data: [0, 1].map((index) => ({ object: "embedding", index, embedding: expect.any(Array) })),
			});
			const [, packed] = await json("/v1/embeddings", { input: "light", encoding_format: "base64" });
			const bytes = Uint8Array.from(Buffer.from(packed.data[0].embedding, "base64"));
			const vectors = [floats.data[0].embedding, floats.data[1].embedding, Array.from(new Float32Array(bytes.buffer))];
			for (const [index, row] of [0, 1, 1].entries()) {
				const vector = (expected.vectors.tolist() as number[][])[row] as number[];
				expect(vectors[index]).toEqual(vector.map((value) => expect.closeTo(value, 6)));
			}
		});

		it("refuses requests without token, too long, and for what it does not serve", async () => {
			const headers = { "Content-Type": "application/json" };
			expect((await post("/v1/embeddings", { input: "a" }, { headers })).status).toBe(401);
			expect((await post("/v1/embeddings", { input: "x".repeat(2 ** 20) })).status).toBe(413);
			expect((await post("/pipelines/fill-mask", { inputs: "<mask>" })).status).toBe(404);
		});

		it("answers others while a request runs, and drops it when its client leaves", async () => {
			const stop = new AbortController();
			const running = post("/v1/embeddings", { input: book, ...endlessly }, { signal: stop.signal });
			running.catch(() => {});
			await expect.poll(metrics, patient).toMatch(/^longspan_running 1$/m);
			expect((await server.get("/health")).status).toBe(200);
			const busy = await post("/v1/embeddings", { input: "a" });
			expect([busy.status, Number(busy.headers.get("Retry-After")) > 0]).toEqual([429, true]);
			stop.abort();
			await expect.poll(async () => (await post("/v1/embeddings", { input: "a" })).status, patient).toBe(200);
			expect(await metrics()).toMatch(/^longspan_errors_total\{route="\/v1\/embeddings",code="client_gone"\} 1$/m);
		});

		it("ends when it is told to: what runs is answered, the rest refused", async () => {
			const { child, ended, told } = server;
			const last = post("/v1/embeddings", { input: book, overflow: "stride" });
			await expect.poll(metrics, patient).toMatch(/^longspan_running 1$/m);
			child.kill("SIGTERM");
			await expect.poll(async () => (await post("/v1/embeddings", { input: "a" })).status, patient).toBe(503);
			expect((await last).status).toBe(200);
			expect(await ended).toEqual([0, null]);
			expect(told()).toMatch(/^longspan: question-answering, .*\nlongspan: ends when .*\n$/);
		});
	});

	it("gives one line and an exit code for what it cannot serve", async () => {
		const { child, address } = await serve("--model", model);
		try {
			const cases: [args: string[], code: number, message: RegExp][] = [
				[["--port", new URL(address).port, "--model", model], 1, /port \d+ is in use; choose another by --port/],
				[["--port", "0", "--model", "none/at/all"], 1, /there is no folder "none\/at\/all"/],
				[["--port", "0", "--model", model, "--task", "summarization"], 1, /longformer has no class for "seq2seq-lm"/],
				[["--port", "0"], 2, /required option '--model <id>' not specified/],
				[["--port", "x", "--model", model], 2, /--port: "x" is not valid/],
			];
			for (const [args, code, message] of cases) {
				const outcome = await longspan("serve", ...args);
				expect(outcome.stderr).toMatch(message);
				expect(outcome.stderr).toMatch(/^longspan: .*\n$/);
				expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
			}
		} finally {
			child.kill("SIGKILL");
		}
	});
});
