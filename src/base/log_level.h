#pragma once

namespace livestream {

enum class LogLevel { kError, kWarn, kInfo, kDebug };
enum class LogFormat { kText, kJson };

}  // namespace livestream
