#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace livestream {

// The reason why something failed, in one line for the user: the cause and, where there is one, the
// cure. Never holds a credential.
struct Error {
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace livestream
