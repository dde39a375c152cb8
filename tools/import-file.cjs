"use strict";
// Loaded by Node itself, so that its import() works: see bundle.mjs.
module.exports = (url) => import(url);
