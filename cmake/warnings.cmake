# One place for the flags of our own code. Generated code links hugang::generated instead.
add_library(hugang_strict INTERFACE)
add_library(hugang::strict ALIAS hugang_strict)
target_compile_options(hugang_strict INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -pedantic -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-pedantic>  # __int128 is an extension that base/int128.hpp owns
  $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-anonymous-struct>)
target_include_directories(hugang_strict INTERFACE ${PROJECT_SOURCE_DIR})

if(HUGANG_SANITIZE)
  add_compile_options(-fsanitize=${HUGANG_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HUGANG_SANITIZE})
endif()
