import { once } from "node:events";
import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { CallError, type ModelAnswer, type ModelCall, type ServedModel } from "../model/served-model.js";
import { ServerState } from "../server-state.js";
import { type AppSettings, createApp } from "./app.js";
import { type Listening, listen } from "./listen.js";

const settings: AppSettings = {
	...{ model: "organisation/model", host: "127.0.0.1", token: undefined, timeout: 20 },
	...{ maxBody: 1000, reading: { overflow: "error", batch_size: 8 }, pooling: "mean", normalize: true },
};

interface Held {
	readonly call: ModelCall;
	readonly signal: AbortSignal;
	answer(answer: ModelAnswer): void;
	fail(error: Error): void;
}

/** A model whose answers are up to the test. */
class HeldModel implements ServedModel {
	readonly info = {
		...{ tasks: ["feature-extraction", "question-answering", "text-generation"], classes: ["TestModel"] },
		...{ maxLength: 512, bytes: 1 },
	} as ServedModel["info"];
	readonly calls: Held[] = [];

	run(call: ModelCall, signal: AbortSignal): Promise<ModelAnswer> {
		return new Promise((answer, fail) => this.calls.push({ call, signal, answer, fail }));
	}

	/** The call of the next request. */
	async next(index: number): Promise<Held> {
		await expect.poll(() => this.calls.length).toBeGreaterThan(index);
		return this.calls[index] as Held;
	}
}

let server: Listening | undefined;
afterEach(async () => {
	await server?.close();
	server = undefined;
});

async function start(changes: Partial<AppSettings> = {}, queue = 1) {
	const state = new ServerState(queue);
	const model = new HeldModel();
	const log: string[] = [];
	const app = createApp({ ...settings, ...changes }, state, (text) => log.push(text));
	const own = await listen(app, "127.0.0.1", 0);
	server = own;
	state.ready(model);
	const post = (path: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
		fetch(`${own.address}${path}`, {
			method: "POST",
			headers: { "Content-Type": "application/json", ...headers },
			body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
			...(signal && { signal }),
		} as RequestInit);
	const get = (path: string, headers: Record<string, string> = {}) => fetch(`${own.address}${path}`, { headers });
	return { state, model, log, post, get, address: own.address };
}

const question = { inputs: { question: "Who?", context: "Ana." } };

/** Status and error of a response. */
async function refusal(response: Promise<Response>) {
	const answer = await response;
	const { status, headers } = answer;
	const body = (await answer.json()) as { error: Record<"message" | "type" | "code", string> };
	expect(Object.keys(body)).toEqual(["error"]);
	expect(Object.keys(body.error)).toEqual(["message", "type", "param", "code"]);
	return { status, headers, ...body.error };
}

describe("requests", () => {
	it("reach the model with the defaults of the server and their own options", async () => {
		const { model, post } = await start();
		const asked = post("/pipelines/question-answering", { ...question, parameters: { overflow: "stride", top_k: 2 } });
		const { call, answer } = await model.next(0);
		expect(call).toEqual({
			...{ kind: "pipeline", task: "question-answering", inputs: question.inputs },
			parameters: { overflow: "stride", batch_size: 8, top_k: 2 },
		});
		answer({ json: '{"result":1}', tokens: 3 });
		const response = await asked;
		expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/json"]);
		expect(await response.json()).toEqual({ result: 1 });

		const embedded = post("/v1/embeddings", { input: "a", model: "organisation/model", encoding_format: "base64" });
		const second = await model.next(1);
		expect(second.call).toEqual({
			...{ kind: "embeddings", texts: ["a"], format: "base64", model: "organisation/model" },
			parameters: { overflow: "error", batch_size: 8, pooling: "mean", normalize: true },
		});
		second.answer({ json: "{}", tokens: 3 });
		expect((await embedded).status).toBe(200);
	});

	it("are refused in OpenAI's form if they are not as they should be", async () => {
		const { model, post, address, log } = await start();
		const embed = (body: unknown) => post("/v1/embeddings", body);
		const ask = (body: unknown) => post("/pipelines/question-answering", body);
		const cases: [response: Promise<Response>, status: number, message: RegExp][] = [
			[embed("{"), 400, /^The body is no JSON: /],
			[embed(Uint8Array.of(34, 255, 34)), 400, /not valid UTF-8/],
			[embed("[]"), 400, /no object/],
			[embed({}), 400, /^input: expected a text/],
			[embed({ input: [] }), 400, /input has 0 entries; expected 1 to 2048/],
			[embed({ input: [1, 2] }), 400, /token ids/],
			[embed({ input: ["a", ""] }), 400, /empty text/],
			[embed({ input: "a", model: "other" }), 404, /The model "other" is not here; expected "organisation\/model"/],
			[embed({ input: "a", encoding_format: "hex" }), 400, /encoding_format is "hex"/],
			[embed({ input: "a", dimensions: 8 }), 400, /dimensions/],
			[embed({ input: "a", pooling: "none" }), 400, /pooling is "none"/],
			[embed({ input: "a", inputs: "a" }), 400, /inputs is not a field of this route; expected input, model/],
			[ask({}), 400, /inputs: they are missing/],
			[ask({ ...question, parameters: [] }), 400, /parameters: expected an object/],
			[ask({ ...question, parameters: { signal: {} } }), 400, /signal is not for requests/],
			[ask({ ...question, top_k: 1 }), 400, /top_k is not a field/],
			[post("/pipelines/question-answering", question, { "Content-Type": "text/plain" }), 415, /Content-Type/],
			[
				post("/pipelines/fill-mask", { inputs: "a" }),
				404,
				/"fill-mask" is not served; start the server with --task fill-mask/,
			],
			[post("/pipelines/constructor", { inputs: "a" }), 404, /no such task; expected feature-extraction, /],
			[post("/v1/chat/completions", {}), 404, /no such route/],
			[fetch(`${address}/v1/embeddings`), 405, /Expected POST/],
			[post("/health", {}), 405, /Expected GET/],
		];
		for (const [response, status, message] of cases) {
			const refused = await refusal(response);
			expect(refused.message).toMatch(message);
			expect([refused.status, refused.type]).toEqual([status, "invalid_request_error"]);
		}
		expect(model.calls).toEqual([]);
		expect(log).toEqual([]);
	});

	it("are refused if they are long, whether they say so or not", async () => {
		const { post, address } = await start();
		const long = JSON.stringify({ input: "a".repeat(2000) });
		expect(await refusal(post("/v1/embeddings", long))).toMatchObject({ status: 413, code: "body_too_large" });
		const stream = new Blob([long]).stream();
		const chunked = fetch(`${address}/v1/embeddings`, {
			...{ method: "POST", headers: { "Content-Type": "application/json" }, body: stream, duplex: "half" },
		} as RequestInit);
		expect((await refusal(chunked)).status).toBe(413);
	});

	it("are told what the model refuses, and nothing of what is broken", async () => {
		const { model, post, log } = await start();
		const outcome = async (error: Error) => {
			const asked = post("/pipelines/question-answering", question);
			(await model.next(model.calls.length)).fail(error);
			return refusal(asked);
		};
		const long = new CallError('the context makes 9 tokens, the model takes 8; pass overflow: "stride"');
		expect(await outcome(long)).toMatchObject({ status: 400, message: long.message });
		expect(log).toEqual([]);
		expect(await outcome(new CallError("12 bytes alive", "memory"))).toMatchObject({
			status: 500,
			code: "out_of_memory",
		});
		const broken = await outcome(new Error("secret detail"));
		expect(broken).toMatchObject({ status: 500, type: "server_error", code: "internal_error" });
		expect(JSON.stringify(broken)).not.toMatch(/secret|\.ts|\.js/);
		expect(log.join()).toMatch(/12 bytes alive[\s\S]*secret detail[\s\S]*app\.test\.ts/);
	});

	it("beyond the queue get 429 and when to try again", async () => {
		const { model, post, get } = await start({}, 1);
		const [first, second] = [question, question].map((body) => post("/pipelines/question-answering", body));
		const running = await model.next(0);
		await expect.poll(async () => (await get("/metrics")).text()).toMatch(/^longspan_queue_length 1$/m);
		const refused = await refusal(post("/v1/embeddings", { input: "a" }));
		expect(refused).toMatchObject({ status: 429, type: "rate_limit_error", code: "queue_full" });
		expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
		expect((await get("/health")).status).toBe(200);
		running.answer({ json: "{}", tokens: 1 });
		expect((await first)?.status).toBe(200);
		(await model.next(1)).answer({ json: "{}", tokens: 1 });
		expect((await second)?.status).toBe(200);
	});

	it("whose clients are gone are dropped, or told to end if they run", async () => {
		const { model, post } = await start({}, 2);
		const [one, two] = [new AbortController(), new AbortController()];
		const asked = [one, two].map(({ signal }) => post("/pipelines/question-answering", question, {}, signal));
		const last = post("/v1/embeddings", { input: "last" });
		const running = await model.next(0);
		two.abort();
		await expect(asked[1]).rejects.toThrow();
		one.abort();
		await expect(asked[0]).rejects.toThrow();
		await expect.poll(() => running.signal.aborted).toBe(true);
		running.fail(new Error("ended"));
		const { call, answer } = await model.next(1);
		expect(call.kind).toBe("embeddings");
		answer({ json: "{}", tokens: 1 });
		expect((await last).status).toBe(200);
	});

	it("that take too long are ended, as are those that are not sent to their ends", async () => {
		const { model, post, address, log } = await start({ timeout: 0.05 }, 0);
		const refused = await refusal(post("/pipelines/question-answering", question));
		expect(refused).toMatchObject({ status: 504, type: "server_error", code: "timeout" });
		const { signal, fail } = await model.next(0);
		expect(signal.aborted).toBe(true);
		fail(new Error("ended"));
		const headers = { "Content-Type": "application/json", "Content-Length": 100 };
		for (const leaves of [false, true]) {
			const sending = request(`${address}/v1/embeddings`, { method: "POST", headers });
			sending.write('{"inp');
			const [event] = await Promise.race([
				once(sending, "response").then(([response]) => [response.statusCode]),
				...(leaves ? [once(sending, "error")] : []),
				...(leaves ? [new Promise<never>(() => setTimeout(() => sending.destroy(new Error("left")), 10))] : []),
			]);
			if (leaves) expect(event).toMatchObject({ message: "left" });
			else expect(event).toBe(504);
			sending.destroy();
		}
		// Their place is free again.
		await expect.poll(async () => (await post("/v1/embeddings", {})).status).toBe(400);
		expect(log).toEqual([]);
	});
});

describe("access", () => {
	it("needs the token, but for /health", async () => {
		const { get, post } = await start({ token: "right" });
		for (const headers of [{}, { Authorization: "Bearer wrong" }, { Authorization: "right" }]) {
			const refused = await refusal(post("/pipelines/question-answering", question, headers as Record<string, string>));
			expect(refused).toMatchObject({ status: 401, type: "authentication_error", code: "invalid_token" });
			expect(refused.headers.get("WWW-Authenticate")).toBe("Bearer");
		}
		for (const path of ["/metrics", "/v1/models", "/other"]) expect((await get(path)).status).toBe(401);
		expect((await get("/v1/models", { Authorization: "Bearer right" })).status).toBe(200);
		expect((await get("/health")).status).toBe(200);
	});

	it("is not for pages whose names were made to point here", async () => {
		const { address } = await start();
		const status = (host: string) =>
			new Promise((resolve) => {
				request(`${address}/health`, { headers: { host } }, (response) => {
					response.resume();
					resolve(response.statusCode);
				}).end();
			});
		expect(await status("attacker.example")).toBe(403);
		expect(await status("localhost:8000")).toBe(200);
		expect(await status("[::1]")).toBe(200);
	});
});

describe("the state of the server", () => {
	it("is told, and requests are refused while it begins or ends", async () => {
		const { state, model, post, get } = await start();
		const fresh = createApp(settings, new ServerState(1), () => {});
		expect((await fresh.request("http://localhost/health")).status).toBe(503);
		const early = await fresh.request("http://localhost/v1/models");
		expect([early.status, early.headers.get("Retry-After")]).toEqual([503, "5"]);

		expect(await (await get("/health")).json()).toEqual({ status: "ok", model: "organisation/model" });
		const models = (await (await get("/v1/models")).json()) as { data: object[] };
		expect(models.data).toMatchObject([{ id: "organisation/model", object: "model", max_length: 512 }]);
		const [running, waiting] = [question, question].map((body) => post("/pipelines/question-answering", body));
		const { answer } = await model.next(0);
		await expect.poll(() => state.queue.waiting).toBe(1);
		state.stop();
		expect((await refusal(waiting as Promise<Response>)).code).toBe("stopping");
		expect(await refusal(post("/v1/embeddings", { input: "a" }))).toMatchObject({ status: 503, code: "stopping" });
		expect(await (await get("/health")).json()).toMatchObject({ status: "stopping" });
		answer({ json: "{}", tokens: 1 });
		expect((await running)?.status).toBe(200);
	});

	it("is counted", async () => {
		const { model, post, get } = await start();
		const asked = post("/pipelines/question-answering", question);
		(await model.next(0)).answer({ json: "{}", tokens: 5 });
		await asked;
		await post("/pipelines/question-answering", "{");
		await get('/"other');
		const response = await get("/metrics");
		expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4");
		const lines = (await response.text()).split("\n");
		const route = 'route="/pipelines/question-answering"';
		for (const line of [
			"# TYPE longspan_requests_total counter",
			`longspan_requests_total{${route},status="200"} 1`,
			`longspan_errors_total{${route},code="invalid_request"} 1`,
			'longspan_errors_total{route="other",code="not_found"} 1',
			"# TYPE longspan_request_duration_seconds histogram",
			`longspan_request_duration_seconds_bucket{${route},le="+Inf"} 2`,
			`longspan_request_duration_seconds_count{${route}} 2`,
			'longspan_tokens_total{task="question-answering"} 5',
			"longspan_queue_length 0",
			"longspan_running 0",
		])
			expect(lines).toContain(line);
		// Buckets count all that are below their bounds.
		const counts = lines.filter((line) => line.includes(`_bucket{${route}`)).map((line) => Number(line.split(" ")[1]));
		expect(counts).toEqual([...counts].sort((a, b) => a - b));
	});
});
