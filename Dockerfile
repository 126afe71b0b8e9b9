# The image of wxbot: the program, its libraries and certificates, and nothing else.
#
#   docker build -t wxbot .
#
# It works in /wxbot, where bot.toml is, as a user without rights.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked -p wxbot-app \
    && crates/app/deploy/image-root target/dist/wxbot /image

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=65532:65532 /image/wxbot /wxbot
USER 65532:65532
WORKDIR /wxbot
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/usr/local/bin/wxbot", "health"]
ENTRYPOINT ["/usr/local/bin/wxbot"]
CMD ["run", "--log", "json"]
