find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
if(NOT TARGET yaml-cpp::yaml-cpp)
  # Its name before version 0.8.
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
find_package(PkgConfig REQUIRED)
# Not find_package(prometheus-cpp), which also wants what its own HTTP server and client need.
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  pkg_check_modules(URING REQUIRED IMPORTED_TARGET liburing)
endif()
if(LIVESTREAM_TESTS)
  find_package(GTest REQUIRED)
endif()

# Asio and Beast are header-only. They are compiled once, to keep builds short.
add_library(asio STATIC cmake/asio.cc)
target_link_libraries(asio PUBLIC Boost::headers Threads::Threads)
target_compile_definitions(asio PUBLIC
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
target_compile_options(asio PRIVATE -w)
