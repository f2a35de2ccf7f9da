import { parseHTML } from "linkedom"; import { Readability } from "@mozilla/readability";
for (const n of [500, 1000,2000,4000]) { const h='<!doctype html><html><head></head><body><p>x'+'<div>'.repeat(n)+'y</body></html>';
let t=performance.now(); const d=parseHTML(h).document; console.log(n,'parse',performance.now()-t); t=performance.now(); try{ new Readability(d).parse()}catch(e){console.log(String(e))} console.log('read',performance.now()-t);}
const big='<!doctype html><html><head></head><body><article>'+('<p>'+'The keeper lit the lamp, and the sea answered. '.repeat(10)+'</p>').repeat(10000)+'</article></body></html>';
let t=performance.now(); const d=parseHTML(big).document; console.log(big.length,'parse',performance.now()-t); t=performance.now(); const r=new Readability(d).parse(); console.log('read',performance.now()-t, r.textContent.length);
