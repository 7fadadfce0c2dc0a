#include "source/language.h"

#include <algorithm>
#include <array>
#include <string>

namespace livestream {
namespace {

// Each row: ISO 639-1, ISO 639-2/T, ISO 639-2/B where that differs.
constexpr std::array<std::array<std::string_view, 3>, 45> kLanguages = {{
    {"ar", "ara"},        {"bg", "bul"},        {"ca", "cat"},        {"cs", "ces", "cze"},
    {"cy", "cym", "wel"}, {"da", "dan"},        {"de", "deu", "ger"}, {"el", "ell", "gre"},
    {"en", "eng"},        {"es", "spa"},        {"et", "est"},        {"eu", "eus", "baq"},
    {"fa", "fas", "per"}, {"fi", "fin"},        {"fr", "fra", "fre"}, {"ga", "gle"},
    {"he", "heb"},        {"hi", "hin"},        {"hr", "hrv"},        {"hu", "hun"},
    {"hy", "hye", "arm"}, {"id", "ind"},        {"is", "isl", "ice"}, {"it", "ita"},
    {"ja", "jpn"},        {"ka", "kat", "geo"}, {"ko", "kor"},        {"lt", "lit"},
    {"lv", "lav"},        {"mk", "mkd", "mac"}, {"nl", "nld", "dut"}, {"no", "nor"},
    {"pl", "pol"},        {"pt", "por"},        {"ro", "ron", "rum"}, {"ru", "rus"},
    {"sk", "slk", "slo"}, {"sl", "slv"},        {"sq", "sqi", "alb"}, {"sr", "srp"},
    {"sv", "swe"},        {"tr", "tur"},        {"uk", "ukr"},        {"vi", "vie"},
    {"zh", "zho", "chi"},
}};

// The first part in lower case, as ISO 639-1 where the table has it.
std::string normal_form(std::string_view tag) {
  std::string code(tag.substr(0, tag.find_first_of("-_")));
  for (char& c : code) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto row = std::find_if(kLanguages.begin(), kLanguages.end(), [&](const auto& names) {
    return std::find(names.begin(), names.end(), code) != names.end();
  });
  return row == kLanguages.end() || code.empty() ? code : std::string(row->front());
}

}  // namespace

bool is_same_language(std::string_view left, std::string_view right) {
  const std::string code = normal_form(left);
  return !code.empty() && code != "und" && code == normal_form(right);
}

}  // namespace livestream
