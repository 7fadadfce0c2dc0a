#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace livestream {

// Why something could not be done, in one line that a user can act on: it names the cause and,
// where there is one, the cure. Never holds a credential.
struct Error {
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace livestream
