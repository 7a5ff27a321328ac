# Types are stripped as files are read, so there is nothing to build but the folder of packages.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The scripts would fetch a Node of their own.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY adapters adapters
COPY commands commands
COPY domain domain
COPY programs/built programs/built
COPY projections projections
COPY queries queries
COPY scripts scripts
# A volume that is mounted here takes over the owner.
RUN install --directory --owner=node --group=node /data
# The user node, by number, so that whoever runs it can tell that it is not root.
USER 1000:1000
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Followed by commands, queries or projections; by nothing for all in one process.
ENTRYPOINT ["node", "scripts/start.ts"]
