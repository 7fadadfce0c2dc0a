#include "source/connect_limit.h"

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace livestream {

// The kernel's interface by number, because the headers of a distribution may be older than its
// kernel: landlock(7).
#ifdef __linux__
namespace {

constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr int kRuleForPort = 2;
constexpr std::uint64_t kConnectTcp = 2;

struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = kConnectTcp;
};
struct PortRule {
  std::uint64_t allowed = kConnectTcp;
  std::uint64_t port = 0;
};

}  // namespace

UniqueFd limit_of_connecting_to(std::uint16_t port) {
  const Ruleset ruleset;
  UniqueFd limit(static_cast<int>(::syscall(kCreateRuleset, &ruleset, sizeof ruleset, 0U)));
  const PortRule rule{.port = port};
  if (limit.valid() && ::syscall(kAddRule, limit.get(), kRuleForPort, &rule, 0U) != 0)
    limit.reset();
  return limit;
}

void keep_to(int limit) { ::syscall(kRestrictSelf, limit, 0U); }
#else
UniqueFd limit_of_connecting_to(std::uint16_t) { return {}; }
void keep_to(int) {}
#endif

}  // namespace livestream
