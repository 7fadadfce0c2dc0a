# A designated initialiser leaves members at their defaults on purpose.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers)
if(LIVESTREAM_WERROR)
  add_compile_options(-Werror)
endif()
if(LIVESTREAM_SANITIZE)
  add_compile_options(-fsanitize=${LIVESTREAM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LIVESTREAM_SANITIZE})
endif()
