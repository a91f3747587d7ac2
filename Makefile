# GNU make 3.81 and a POSIX shell are enough for "image" and "all": the work is in config/build and lab.
.DEFAULT_GOAL := help
.PHONY: help all image amd64 arm64 save save-amd64 save-arm64 tar initrds build-boot-handler download-assets setup setup-foreign demo test test-all bench-install bench-crowd check unit lint fmt lint-vms lab-down clean

# make's own Node comes from the lock file.
PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export PATH

LAB = lab/lab

# make has a LINT of its own, "lint".
ifeq ($(origin LINT),default)
LINT =
endif

# For what needs no more than the npm packages, in a clone that has none yet.
node_modules:
	@config/build/npm-ci-if-needed.sh

check unit lint fmt lint-vms: | node_modules

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'

image: ## pxeboot_stack_<arch>.tar for this machine's architecture
	@config/build/make-image.sh

all: ## pxeboot_stack_amd64.tar and pxeboot_stack_arm64.tar
	@config/build/make-all.sh

amd64: ## pxeboot_stack_amd64.tar
	@config/build/make-all.sh amd64

arm64: ## pxeboot_stack_arm64.tar
	@config/build/make-all.sh arm64

# Names under which pvmlab's own files call what the stack before this one had.
save: all ## the same as "all" (IMAGE_NAME and IMAGE_TAG name the image inside: docker load prints NAME:TAG)

save-amd64: amd64 ## the same as "amd64"

save-arm64: arm64 ## the same as "arm64"

tar: ## pxeboot_stack.tar for this machine's architecture
	@config/build/make-tar.sh

initrds: ## initrd/output/<arch>/initrd.gz, the installer's initrds for both architectures
	@config/build/make-image.sh initrds

build-boot-handler: ## build/bundles/services/boot_handler.cjs and the other services (needs Node with npm)
	@config/build/make-bundles.sh

download-assets: ## nothing: the build fetches all that it needs
	@echo '[image] nothing to download: the build fetches iPXE, Node and all packages itself, and the builder keeps them'

setup: ## what demo and test need on this Debian or Ubuntu (SETUP=0 only lists it, FOREIGN=1 adds the other architecture)
	@ARCH=$(ARCH) lab/setup.sh
	@config/build/npm-ci-if-needed.sh

setup-foreign:
	@FOREIGN=1 lab/setup.sh
	@config/build/npm-ci-if-needed.sh

demo: setup image ## build the container, boot a VM that installs itself, log in to it (ARCH=aarch64, DISTRO=debian-13)
	@$(LAB) demo $(if $(ARCH),--arch $(ARCH)) $(if $(DISTRO),--distro $(DISTRO))

test: setup-foreign ## types, lint, unit, integration, both images, end to end (SUITES='unit e2e' ONLY=install for some)
	@lab/testing/run-tests.sh

test-all: setup-foreign ## the same, and every distribution, machine and fault; writes docs/test-report.md (PART, SUITES, ONLY)
	@RECORD=1 PART="$${PART:-all}" lab/testing/run-tests.sh

bench-install: setup image ## phases of one installation beside the prototype's, and a bare download in the same VM (as root)
	@node lab/test/bench/streaming.ts

bench-crowd: setup image ## 200 VMs that are powered on at the same time, before the container (as root)
	@node lab/test/bench/crowd.ts

# Its caches know a file by its content: a lint rule about types that another file breaks is found by "lint" and "test".
check: ## types, lint and unit tests, in seconds: what did not change is not checked again
	@npm run check

unit: ## unit tests only
	@npm run test:unit

lint: ## types and lint of all files
	@npm run typecheck
	@npm run lint

fmt: ## write all files in the project's format
	@npm run format

lint-vms: ## say what is wrong with the VM definitions in VMS=dir (LINT='--json --images images'); fails when anything is
	@[ -n "$(VMS)" ] || { echo 'lint-vms: which directory? make lint-vms VMS=/path/to/vms' >&2; exit 2; }
	@node config/lint/main.ts --vms "$(VMS)" $(LINT)

lab-down: ## remove the lab's VMs, container and network
	@$(LAB) down

clean: ## remove what was built; images/, the lab's state and the builders' caches stay
	@config/build/clean.sh
