# shellcheck shell=bash
# Lists and installs the packages that the project needs. Sourced by ./run, ./test and ./bench, which call
# `install_packages build`, `install_packages build test` and so on. For Debian and Ubuntu (apt) and macOS (Homebrew); on
# other systems the tools must be installed already.

# The comments name the purpose of each line.
build_packages_apt=(
  g++ cmake ninja-build ccache                                     # the build; ccache only makes it faster
  esbuild                                                          # puts the player's modules into few files
  libspdlog-dev libfmt-dev nlohmann-json3-dev libcli11-dev libexpected-dev
  libyaml-cpp-dev                                                  # the configuration file
  libssl-dev                                                       # the hash of the WebSocket handshake
  libcurl4-openssl-dev                                             # hooks over HTTP
  prometheus-cpp-dev                                               # the text of /metrics
  liburing-dev pkg-config                                          # many sends at one entry into the kernel
  ffmpeg                                                           # decodes and encodes
  ca-certificates                                                  # sources over https
)
build_packages_brew=(cmake ninja ccache esbuild boost openssl@3 spdlog fmt nlohmann-json cli11 yaml-cpp tl-expected prometheus-cpp pkgconf ffmpeg)

test_packages_apt=(
  libgtest-dev libgmock-dev                                        # unit tests
  clang-format-14                                                  # the format check
  libfaketime                                                      # sets the clock of one program
  nginx-light                                                      # serves HLS and files, proxies a sub-path
  haproxy caddy openssl                                            # HTTP/2 in front of the server, with a certificate
  python3-gi gir1.2-gst-rtsp-server-1.0                            # an RTSP server ...
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good              # ... with its RTP payloaders
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly               # ... its H.264 parser and encoder
  vlc-bin vlc-plugin-base mpv                                      # other players, 32 MB: the stream in VLC, mpv, ...
  gstreamer1.0-tools gstreamer1.0-libav                            # ... and GStreamer with its decoders
)
test_packages_brew=(googletest node nginx haproxy caddy)

bench_packages_apt=(
  libbenchmark-dev                                                 # micro-benchmarks
  util-linux                                                       # taskset
)

# Only for ./test --all.
all_packages_apt=(
  clang-tidy-14 clang-14 libclang-rt-14-dev                        # static checks; fuzzing and its runtime
  firefox-esr                                                      # the page in other browsers
  webkit2gtk-driver xvfb                                           # ... WebKitGTK and a screen
  pulseaudio gstreamer1.0-pulseaudio                               # ... and a sound card
)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root or sudo to run: $*"
  fi
}

# Prints those packages of "$@" that are not installed.
missing_apt() {
  local known
  known=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  local package
  for package in "$@"; do
    case $'\n'$known$'\n' in
      *$'\n'"installed $package"$'\n'*) ;;
      *) printf '%s\n' "$package" ;;
    esac
  done
}

# Boost's headers have a package per version. Any version from 1.81 is enough; Debian 12 has two.
boost_package_apt() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'libboost1.*-dev' 2>/dev/null || true)
  case $installed in
    *"installed libboost1.8"[1-9]-dev* | *"installed libboost1.9"[0-9]-dev*) return ;;
  esac
  printf '%s\n' libboost1.81-dev
}

# Commands that may be installed from elsewhere: check the command, not the package.
node_apt() {
  local major
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
  [ "$major" -ge 18 ] || printf '%s\n' nodejs
}

tools_apt() {
  node_apt
  command -v npm >/dev/null || printf '%s\n' npm
  [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || printf '%s\n' chromium
}

install_apt() {
  local wanted=("${build_packages_apt[@]}") missing=()
  local group
  for group in "$@"; do
    case $group in
      test) wanted+=("${test_packages_apt[@]}") ;;
      bench) wanted+=("${bench_packages_apt[@]}") ;;
      all) wanted+=("${all_packages_apt[@]}") ;;
    esac
  done
  mapfile -t missing < <(
    missing_apt "${wanted[@]}"
    boost_package_apt
    case " $* " in
      *" test "*) tools_apt ;;
      *" bench "*) node_apt ;;
    esac
  )
  [ "${#missing[@]}" -gt 0 ] || return 0
  say "installing with apt: ${missing[*]}"
  as_root apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "${missing[@]}" >&2
}

install_brew() {
  local wanted=("${build_packages_brew[@]}") missing=()
  case " $* " in *" test "*) wanted+=("${test_packages_brew[@]}") ;; esac
  local installed package
  installed=$(brew list --formula -1)
  for package in "${wanted[@]}"; do
    case $'\n'$installed$'\n' in
      *$'\n'"$package"$'\n'*) ;;
      *) missing+=("$package") ;;
    esac
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  say "installing with Homebrew: ${missing[*]}"
  brew install "${missing[@]}" >&2
}

# install_packages build [test] [bench] [all]
install_packages() {
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_apt "$@"
  elif command -v brew >/dev/null; then
    install_brew "$@"
  else
    say "found neither apt nor Homebrew: using the installed packages"
  fi
}

# configure_and_build ROOT PRESET: configures once; later ninja configures again when needed.
configure_and_build() {
  local root=$1 preset=$2
  if [ ! -f "$root/build/$preset/build.ninja" ]; then
    say "configuring build/$preset"
    (cd "$root" && cmake --preset "$preset") >&2
  fi
  (cd "$root" && cmake --build --preset "$preset") >&2
}
