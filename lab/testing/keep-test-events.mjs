// Imported into every process of the tests. With --test-force-exit a file's process ends while the events of its last tests
// may still wait to be written to the runner's pipe; those tests are then neither shown nor counted, and nothing says so
// (https://github.com/nodejs/node/issues/64833). A pipe that blocks has taken each event before the next test.
process.stdout._handle?.setBlocking?.(true);
