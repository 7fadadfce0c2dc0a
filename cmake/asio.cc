// Asio and Beast compiled once (BOOST_ASIO_SEPARATE_COMPILATION), not in every file that includes them.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
