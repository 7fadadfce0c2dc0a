#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livestream {

// The value of a variable of the environment or of `.env`; nothing when there is none.
using FindVariable = std::function<std::optional<std::string>(std::string_view name)>;

// Where the references of files look for their variables.
struct Variables {
  FindVariable find;
  // For the names of programs to run: without a `.env` that other users may write to.
  FindVariable find_for_program;
};

// A value of a file with its references replaced: `${NAME}` by the variable's value, in which
// further references mean nothing, `${NAME:-other}` by `other` when the variable is unset or empty,
// and `$$` by `$`. The error, about a value that is not shown, names the variable that is not set,
// or the form that is not allowed.
[[nodiscard]] Result<std::string> resolve_references(std::string_view text,
                                                     const FindVariable& find);

// Whether `text` changes when its references are resolved.
[[nodiscard]] bool has_references(std::string_view text);

// The text that stands for `value` where references are resolved.
[[nodiscard]] std::string without_references(std::string_view value);

// Whether the value holds a credential that stands there itself, rather than by a reference.
[[nodiscard]] bool holds_secret_in_clear(std::string_view text);

}  // namespace livestream
